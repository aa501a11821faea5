"""Gives a fresh home the list of fonts that came with the environment: the first plot need not look for them."""

c = get_config()  # noqa: F821  (given by IPython)
c.InteractiveShellApp.exec_lines = [
    "import endstation_fonts as _fonts; _fonts.copy(); del _fonts",
]
