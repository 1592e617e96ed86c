# Install rules: see the SDK section below.
