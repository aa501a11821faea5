import sys

if any(word.partition("=")[0] == "--tunnel" for word in sys.argv):
    from endstation_session.tunnel import main
else:
    from endstation_session.launcher import main

raise SystemExit(main())
