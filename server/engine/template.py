"""What the template of workers imports first, so that signals to the whole process group do not reach it.

A service manager, a terminal or ``timeout`` sends SIGTERM and SIGINT to every process of the group. The server
then drains, for which its workers must go on; they and the template end with it.
"""

import signal

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
