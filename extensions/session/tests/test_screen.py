import unittest

from endstation_session.terminal.screen import SLACK, Modes, Screen, Size

SMALL, LARGE = Size(80, 24), Size(120, 40)


class Screens(unittest.TestCase):
    def test_what_was_written_is_there_and_old_is_forgotten_at_the_end_of_a_line(self) -> None:
        screen = Screen(SMALL, kept=1000)
        screen.write(b"first line\n")
        self.assertEqual(screen.part(6, 100).data, b"line\n")
        for n in range(SLACK // 5):
            screen.write(b"line %04d\n" % (n % 10_000))
        self.assertGreater(screen.start, 0)
        self.assertLessEqual(screen.end - screen.start, 1000 + SLACK)
        self.assertTrue(screen.part(screen.start, 100).data.startswith(b"line "))

    def test_a_cut_splits_no_character(self) -> None:
        screen = Screen(SMALL)
        screen.write("xx€€".encode())
        self.assertEqual(screen.part(screen.cut(3), 10).data.decode(), "€")

    def test_each_part_has_the_size_it_was_written_for(self) -> None:
        screen = Screen(SMALL)
        screen.write(b"small")
        screen.resize(LARGE)
        screen.write(b"large")
        self.assertEqual(screen.part(0, 100)[1:], (SMALL, b"small"))
        self.assertEqual(screen.part(5, 100)[1:], (LARGE, b"large"))
        self.assertEqual(screen.part(10, 100)[1:], (LARGE, b""))
        for n in range(5000):
            screen.resize(Size(80 + n % 2, 24))
            screen.write(b"x")
        self.assertLess(len(screen._sizes), 300)
        self.assertEqual(screen.size, Size(81, 24))

    def test_modes_from_before_the_kept_part_are_told_to_a_fresh_terminal(self) -> None:
        screen = Screen(SMALL, kept=1000)
        screen.write(b"\x1b[?2004h\x1b[?1049h\x1b[?25l\x1b[31m\x1b]0;my title\x07\n")
        for _ in range(SLACK // 8):
            screen.write(b"text text\n")
        prelude = screen.prelude(screen.start)
        self.assertTrue(prelude.startswith(b"\x1b[?1049h"))
        for one in (b"\x1b[?2004h", b"\x1b[?25l", b"\x1b[31m", b"\x1b]0;my title\x07"):
            self.assertIn(one, prelude)
        self.assertTrue(screen.is_alternate)
        screen.write(b"\x1b[?1049l\n")
        self.assertFalse(screen.is_alternate)

    def test_what_takes_all_back_takes_all_back(self) -> None:
        modes = Modes()
        modes.feed(b"\x1b[?1;1000h\x1b[1m\x1b[32m\x1b=\x1b(0\x1b[2;10r")
        modes.feed(b"\x1b[0m")
        self.assertEqual(modes.prelude(), b"\x1b[?1h\x1b[?1000h\x1b=\x1b(0\x1b[2;10r\x1b[0m")
        modes.feed(b"\x1bc")
        self.assertEqual(modes.prelude(), b"")

    def test_a_stream_of_made_up_modes_takes_no_memory(self) -> None:
        modes = Modes()
        for n in range(10_000):
            modes.feed(b"\x1b[?%dh\x1b[%dm" % (n, n % 100))
        self.assertLess(len(modes.prelude()), 2000)


if __name__ == "__main__":
    unittest.main()
