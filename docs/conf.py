"""Sphinx's configuration: `make docs` builds the pages of this folder, with warnings as errors."""

import re
from pathlib import Path

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
html_extra_path = [str(path) for path in Path(__file__).parents[1].glob("dist/ecpure.html")]  # `make docs` makes it
html_favicon = "pictures/icon.svg"
html_domain_indices = False  # of modules, the public ones being few
html_show_sphinx = False
html_scaled_image_link = False  # a picture that is a link goes where it says
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"  # where a block says none
pygments_style, pygments_dark_style = "default", "github-dark"  # both with the contrast of WCAG AA

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"


def setup(app):
    """Let a long name in code break after a dot, an underline and the like (ecpure.css says where, and nowhere else).

    And leave out the empty line that ends a block of Python, which doctest needs and no reader.
    """

    def breakable(found: re.Match[str]) -> str:
        word = found[1]
        if len(word) > 16:
            word = re.sub(r"(?<=\w)[./:(,=|]+(?=\w)|(?<=[^\W_])_(?=[^\W_]{2})", r"\g<0><wbr>", word)
        return f'<span class="pre">{word}</span>'

    def on_page(*event):
        body = re.sub(r'<span class="pre">(.*?)</span>', breakable, event[3].get("body", ""))
        event[3]["body"] = re.sub(r"\n+</pre>", "\n</pre>", body)

    app.connect("html-page-context", on_page)
