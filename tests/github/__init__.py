"""The adapter to GitHub, against recorded payloads, hostile bodies, the sandbox and little servers."""
