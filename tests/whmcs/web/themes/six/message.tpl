{include file="twenty-one/message.tpl"}
