import gradio as gr
import pytest


@pytest.fixture
def warned(monkeypatch):
    messages = []
    monkeypatch.setattr(gr, "Warning", lambda message, **more: messages.append(message))
    return messages
