{include file="twenty-one/login.tpl"}
