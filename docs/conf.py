"""The site: ``make docs`` builds it from these pages and from the docstrings. Every warning is an error."""

from importlib.metadata import version as installed

project = "pulumi-whatsapp"
version = release = installed("pulumi-whatsapp")
html_title = f"{project} {release}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_index.md"]  # the latter is for the Pulumi Registry, which has marks of its own
myst_heading_anchors = 4
myst_title_to_header = True  # of the pages that the Registry shows, too
default_role = "code"  # docstrings put a name between single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False

html_theme = "furo"  # it asks nothing of another server: no fonts, no scripts
html_copy_source = False
html_show_copyright = False
