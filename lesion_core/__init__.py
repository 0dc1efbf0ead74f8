"""The core of the demo: everything that computes, nothing that draws a page.

Map of the package (imports go one way, from the bottom of this list to its top):

- ``errors``, ``records``: the exceptions and the frozen records that pass between the parts;
- ``imaging``: any upload to an RGB array, a border to its rectangle and RoI, an RoI to the network's input;
- ``augment``: the paper's eight variants;
- ``cases``: the case table, importers of the public data sets, splits;
- ``results``: score tables and the ledger of external tests;
- ``stats``: ROC curves, intervals, tests;
- ``model``: VGG-19, its weights, checkpoints, the predictor (torch);
- ``training``: features, fine-tuning, cross validation (torch);
- ``cli``: ``python -m lesion_core``.

``imaging``, ``augment``, ``cases``, ``results`` and ``stats`` import no torch; nothing here imports gradio or plotly.
Importing ``lesion_core`` itself loads none of them.
"""

__version__ = "0.1.0"
