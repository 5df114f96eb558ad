"""The linker that learns: a small net weighs candidate links and divisions, and the linkers of
`training.engine.linking` decide by what it says.

`scenes` reads movies as tables, `windows` makes stretches of frames into tensors, `net` weighs them,
`judging` gives its energies to a linker.
"""
