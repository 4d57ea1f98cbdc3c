-- employer money of the year before the top-heavy minimum and the annual additions limit, with what its formulas read
{{ annual_money() }}
