"""What maintainers measure of vaecodec, and the results; see README.md here.

Run from the repository root. Codecs are measured by `vaecodec.benchmark`, the program
that users install; the scripts here only choose pictures, codecs and judges, measure
whole processes, and write results into pages.
"""
