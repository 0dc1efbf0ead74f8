"""Own Gradio components."""
