"""Variables, artifacts, results and serving with an unmodified client of 2.20 or 3.x, against the server of PREFECT_API_URL.

The workspace must be empty. Each module has one function `check`, which fails at the first wrong answer.
"""

import artifacts
import results
import serving
import variables

for module in (variables, artifacts, results, serving):
    module.check()
