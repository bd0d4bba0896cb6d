"""Sphinx's configuration: `make docs` builds the pages of this folder, with warnings as errors."""

import ecpure

project = "ecpure"
author = "the ecpure contributors"
copyright = author  # noqa: A001  # Sphinx's name
version = release = ecpure.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["attrs_inline", "tasklist"]
myst_heading_anchors = 3
exclude_patterns = ["examples"]

html_theme = "furo"
html_title = f"ecpure {version}"
html_static_path = ["pictures"]
html_css_files = ["ecpure.css"]
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"  # where a block says none
pygments_style, pygments_dark_style = "friendly", "github-dark"

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
