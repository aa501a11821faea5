from endstation_session.launcher import main

raise SystemExit(main())
