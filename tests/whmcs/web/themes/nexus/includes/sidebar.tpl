{include file="twenty-one/includes/sidebar.tpl"}
