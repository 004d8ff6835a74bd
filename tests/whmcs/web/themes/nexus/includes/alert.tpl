{include file="twenty-one/includes/alert.tpl"}
