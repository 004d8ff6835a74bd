{include file="twenty-one/header.tpl"}
