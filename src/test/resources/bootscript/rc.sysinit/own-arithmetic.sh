count=$(( (1 + 2) * 3 ))
(( count > 8 )) && echo "count is ${#count} digits # no comment"
list=( one "two three"
	four )
for (( i = 0; i < ${#list[@]}; i++ )); do
	[[ ${list[i]} == o* && $count =~ ^[0-9]+$ ]] && : "${list[i]%%e}"
done
