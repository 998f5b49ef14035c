"""The policies: each is a pure function of facts, settings and the time, and returns a verdict that explains itself.

A policy fetches nothing, knows no clock but the `now` it is given, and never raises on what people wrote. It says what
should be true (`Verdict.effects`) and which words to use (`Verdict.message`, a key and plain data); the pipeline
records both, the writer makes the effects true, and `templates/` hold the words. Deciding again after the effects
are written changes nothing.

A section that can be in shadow inherits `bot.config.shadow.Enforced`. Whoever turns verdicts into effects passes each
through `shadow.cast(verdict, config, words, language)` first: what its section (named like `Verdict.policy`) has in
shadow is then only a report, its check runs pass, and it is looked at again when the shadow ends.
"""
