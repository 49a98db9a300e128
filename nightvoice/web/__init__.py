"""The morning page of one bed: the diary in a browser, served by the bedside computer (extra ``web``).

Every page is rendered on the server and works without JavaScript; ``page.js`` only saves reloading. The page shares
only the diary with the running assistant.
"""
