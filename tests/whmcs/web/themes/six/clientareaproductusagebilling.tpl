{include file="twenty-one/clientareaproductusagebilling.tpl"}
