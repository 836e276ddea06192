from amerce.web.csv_files import csv_lines


def test_each_row_is_a_line_that_goes_out_as_it_comes() -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield ["a", 'b "c"']
        raise AssertionError("the second row was not asked for")

    lines = csv_lines(rows())

    assert next(lines) == "\ufeff"
    assert next(lines) == 'a,"b ""c"""\r\n'


def test_what_a_spreadsheet_takes_for_a_formula_is_marked() -> None:
    first, line = csv_lines([["=1+1", "+1", "-1", "@x", "\tx", "1-1"]])

    assert line == "'=1+1,'+1,'-1,'@x,'\tx,1-1\r\n"
    assert first == "\ufeff"
