"""The codec inside of other libraries: Pillow, numcodecs, Zarr."""
