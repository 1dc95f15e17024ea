lvextend -r -l +100%FREE system/data
