"""The morning page: the diary in a browser, served by the bedside computer itself (extra ``web``).

Every page is made on the server and works without a script; ``static/page.js`` only spares reloading. It meets the
other programs in the diary, and nowhere else.
"""
