{include file="twenty-one/includes/navbar.tpl"}
