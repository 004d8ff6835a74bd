{include file="twenty-one/clientareaproductdetails.tpl"}
