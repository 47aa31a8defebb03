"""Rate, distortion and speed of codecs on a folder of images, and a report of them.

In: a folder, codecs. Out: result files (JSON, CSV), a plot, and one HTML page.

`codecs` write real files and `metrics` judge what comes back; `runner` measures one
image at a time with all codecs in turn; `records` are what it finds, and `json_files`
their way to disk; `results` keeps and resumes; `curves`, `bd_rate` and `anchors`
compare, also with published curves; `report` shows.

This is the program that users install, `vaecodec benchmark`, and all code that measures
codecs. The folder `benchmarks` of the repository is what maintainers run: scripts that
put other pictures, judges and questions to it, and the stored results; its README says
what every number means.
"""
