-- how the explanation writes shares, dollars and the engine's words
CREATE TEMP MACRO PERCENT(share) AS FORMAT('{:g}%', ROUND(CAST(share AS DOUBLE) * 100, 4));

CREATE TEMP MACRO DOLLARS(amount) AS FORMAT('${:,.2f}', CAST(amount AS DOUBLE));

CREATE TEMP MACRO WORDS(name) AS REPLACE(name, '_', ' ');

CREATE TEMP MACRO MONEY(amount) AS CAST(amount AS DECIMAL(18, 2));
