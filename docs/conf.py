"""The site: ``make docs`` builds it from these pages and from the docstrings. Every warning is an error."""

import inspect
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
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False

html_theme = "furo"  # it asks nothing of another server: no fonts, no scripts
html_copy_source = False
html_show_copyright = False

_as_written = {}


def _keep(app, what, name, obj, options, lines):
    _as_written[name] = list(lines)


def _restore(app, what, name, obj, options, lines):
    """Take back what napoleon makes of an attribute: it takes what stands before a colon for a type."""
    if what in {"attribute", "property", "data"}:
        lines[:] = _as_written[name]


def _signature(app, what, name, obj, options, signature, returns):
    """Return what a resource is made with: its metaclass takes anything, and the types are on the resource's page."""
    if what == "class" and signature and signature.startswith("(*args"):
        _, *parameters = inspect.signature(obj.__init__).parameters.values()
        plain = [parameter.replace(annotation=parameter.empty) for parameter in parameters]
        return str(inspect.Signature(plain)), None
    return None


def setup(app):
    """Connect the above, around napoleon."""
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _restore, priority=600)
    app.connect("autodoc-process-signature", _signature)
