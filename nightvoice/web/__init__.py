"""The morning page of one bed: the diary in a browser, served by the bedside computer itself (extra ``web``).

Every page is rendered on the server and works without JavaScript; ``page.js`` only saves reloading. The page shares
nothing with the running assistant but the diary.
"""
