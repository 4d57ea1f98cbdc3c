{# The five levers an analyst turns, by year and level. #}
{% macro lever_names() %}
  {{ return(['merit_base', 'cola_rate', 'new_hire_salary_adjustment', 'promotion_probability', 'promotion_raise']) }}
{% endmacro %}
