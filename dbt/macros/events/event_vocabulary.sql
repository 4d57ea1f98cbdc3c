{# The words of the log, in the order in which events of one person, day and rank are written (config/events.py). #}
{% macro event_types() %}
  {{ return([
    'hire', 'termination', 'promotion', 'merit', 'cola', 'eligibility', 'enrollment', 'deferral_change', 'escalation',
    'contribution', 'vesting', 'forfeiture', 'distribution', 'hce_status', 'compliance'
  ]) }}
{% endmacro %}

{% macro contribution_sources() %}
  {{ return([
    'employee_pre_tax', 'employee_roth', 'employee_catch_up', 'employee_roth_catch_up', 'employer_match',
    'employer_match_true_up', 'employer_nonelective', 'employer_profit_sharing', 'forfeiture_allocation'
  ]) }}
{% endmacro %}

{% macro source_systems() %}
  {{ return(['workforce_simulation', 'plan_administration', 'hce_determination', 'compliance_monitoring', 'import']) }}
{% endmacro %}

{# An unknown word is an error, not a new word. #}
{% macro as_enumeration(value, words) -%} CAST({{ value }} AS ENUM ('{{ words | join("', '") }}')) {%- endmacro %}
