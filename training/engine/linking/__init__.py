"""Linkers: detections with their measures in, a forest of tracks with a confidence for each link out.

`movie.link_movie` is the way in. A linker is one file behind `base.Linker`; what speaks for and against a
link or a division is weighed before, in nats (`weighing`), so a linker only decides. Another judge of
links, for instance a net, makes `Ways` and `Splits` of its own and leaves the deciding to the same linkers.
"""
