using System.CommandLine;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>completion SHELL</c>: prints a script that completes command lines with the executable's own <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # orchestrator completion bash > /etc/bash_completion.d/orchestrator, or: source <(orchestrator completion bash)
        _orchestrator() {
          local word cur="${COMP_WORDS[COMP_CWORD]}"
          COMPREPLY=()
          while IFS= read -r word; do
            [[ -n $word && $word == "$cur"* ]] || continue
            # Names come from databases: what the shell would read as more than a name is quoted, as zsh and fish do by themselves.
            printf -v word '%q' "$word"
            COMPREPLY+=("$word")
          done < <(orchestrator "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
        }
        complete -o default -F _orchestrator orchestrator

        """;

    private const string Zsh = """
        #compdef orchestrator
        # orchestrator completion zsh > "${fpath[1]}/_orchestrator", or: source <(orchestrator completion zsh)
        _orchestrator() {
          local -a found
          found=("${(@f)$(orchestrator "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- "${found[@]}"
        }
        if [[ $funcstack[1] == _orchestrator ]]; then _orchestrator "$@"; else compdef _orchestrator orchestrator; fi

        """;

    private const string Fish = """
        # orchestrator completion fish > ~/.config/fish/completions/orchestrator.fish
        function __orchestrator
          set -l line (commandline -cp)
          orchestrator "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -f -c orchestrator -a '(__orchestrator)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.OneOf("bash", "zsh", "fish");
        var command = new Command("completion", "Prints a script that completes this executable's command lines in a shell.") { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(parsed.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command.WithExamples("source <(orchestrator completion bash)", "orchestrator completion fish > ~/.config/fish/completions/orchestrator.fish");
    }
}
