"""Force-posture: who should own, station and command which forces, at the least cost.

``forceposture.v1`` holds the messages of the service; ``forceposture.client`` calls it.
"""
