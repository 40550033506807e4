"""Zero-code ways in: a program that speaks to a model speaks to Insyn instead, and changes only an address and a key.

Three protocols: that of OpenAI, the Open Inference Protocol v2, and MLflow's ``/invocations``. Every call goes through the sequencer twice:
before the model is asked, and before what it said leaves. The proxy holds no state, decides nothing, and acts on nothing that it carries:
which system a call counts as, where it goes and with which key stands in its configuration alone.
"""
