"""What all tests share."""

import hypothesis

# How long an example takes says nothing where other programs run too.
hypothesis.settings.register_profile("fgkeras", deadline=None)
hypothesis.settings.load_profile("fgkeras")
