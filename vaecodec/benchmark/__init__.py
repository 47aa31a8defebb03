"""Rate, distortion and speed of codecs on a folder of images, and a report of them.

In: a folder, codecs. Out: result files (JSON, CSV), a plot, and one HTML page.

`codecs` write real files and `metrics` judge what comes back; `runner` measures one
image at a time with all codecs in turn; `results` keeps and resumes; `curves`,
`bd_rate` and `anchors` compare, also with published curves; `report` shows. Conditions
and meaning of every number: `benchmarks/README.md` of the repository.
"""
