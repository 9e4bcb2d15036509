# bash completion for habitue(1)
_habitue() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local common='--db --today --merchant --json --help' words=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'serve demo import query export segment group bulk duplicates staff merchant backup restore check migrate version help' -- "$cur")
        return
    fi
    case $prev in
    --db | --report | --tls-cert | --tls-key)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --format) words='csv json'
        [ "$command" != export ] || words='csv xlsx'
        ;;
    --log) words='debug info warn error' ;;
    --role) words='associate manager owner' ;;
    --language) words='en fr it es ru' ;;
    --encoding) words='utf-8 utf-16le utf-16be windows-1252' ;;
    --date-order) words='ymd dmy mdy' ;;
    --delimiter) words='tab blank' ;;
    esac
    if [ -z "$words" ]; then
        case $command in
        serve) words="--listen --tls-cert --tls-key --behind-proxy --public-url --log --workers --name
            --currency --time-zone --country --language" ;;
        demo) words='--customers --seed' ;;
        import)
            words='--map --dry-run --report --delimiter --encoding --decimal --date-order --no-header'
            [ "$COMP_CWORD" -gt 2 ] || words='customers transactions'
            ;;
        query) words='--count --facets --format --fields --sort --limit --as-of' ;;
        export)
            words='--query --format --columns --as-of --delimiter --language --no-bom --without-consent'
            [ "$COMP_CWORD" -gt 2 ] || words='emails customers'
            ;;
        segment)
            words='--owner --description'
            [ "$COMP_CWORD" -gt 2 ] || words='list show add remove'
            ;;
        group)
            words='--description'
            [ "$COMP_CWORD" -gt 2 ] || words='list add rename remove'
            ;;
        bulk)
            words='--query --dry-run'
            [ "$COMP_CWORD" -gt 2 ] || words='list undo tag_add tag_remove group_add group_remove source_set store_set block unblock'
            ;;
        duplicates)
            words='--min --dry-run'
            [ "$COMP_CWORD" -gt 2 ] || words='list merge unmerge merge-all undo'
            ;;
        staff)
            words='--email --name --role --store --language --url'
            [ "$COMP_CWORD" -gt 2 ] || words='list add invite reset reset-totp remove'
            ;;
        merchant)
            words='--name --slug --currency --time-zone --country --language --owner-email --url'
            [ "$COMP_CWORD" -gt 2 ] || words='add list'
            ;;
        help) words='serve demo import query export segment group bulk duplicates staff merchant backup restore check migrate version' ;;
        esac
        [ "$COMP_CWORD" -le 2 ] && [[ $words != -* ]] || words="$words $common"
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    if [ ${#COMPREPLY[@]} -eq 0 ] && [ "$command" = import ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _habitue habitue
