"""The service ``forceposture.v1``: a thin shell over the optimizer, with one process for each request."""
