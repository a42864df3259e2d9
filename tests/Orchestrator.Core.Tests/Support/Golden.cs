using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Core.Tests.Support;

/// <summary>
/// Data-driven cases: a file holds blocks of a command line, its input lines, <c>----</c> and the expected output,
/// which ends at a blank line. With REWRITE_GOLDEN=1 the outputs are written instead of compared.
/// </summary>
internal static class Golden
{
    private const string Divider = "----";

    public static IEnumerable<string> Files(string folder, [CallerFilePath] string source = "") =>
        Directory.GetFiles(FolderOf(folder, source), "*.txt").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal);

    public static void Run(string folder, string file, Func<string, IReadOnlyList<string>, string> execute, [CallerFilePath] string source = "")
    {
        var path = Path.Combine(FolderOf(folder, source), file);
        var text = File.ReadAllText(path);
        var actual = Execute(text.Split('\n'), execute);
        if (Environment.GetEnvironmentVariable("REWRITE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.Equal(text, actual);
    }

    private static string FolderOf(string folder, string source) =>
        Path.Combine(Path.GetDirectoryName(source)!, "..", "testdata", folder);

    private static string Execute(string[] lines, Func<string, IReadOnlyList<string>, string> execute)
    {
        var result = new StringBuilder();
        var i = 0;
        while (i < lines.Length)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
            {
                // The last "line" is what follows the final newline.
                result.Append(lines[i]).Append(i == lines.Length - 1 ? "" : "\n");
                i++;
                continue;
            }

            var block = new List<string>();
            while (i < lines.Length && lines[i] != Divider)
            {
                block.Add(lines[i]);
                result.Append(lines[i++]).Append('\n');
            }

            result.Append(Divider).Append('\n');
            for (i++; i < lines.Length && lines[i].Length > 0; i++)
            {
            }

            result.Append(execute(block[0], block.Skip(1).ToList()).TrimEnd('\n')).Append('\n');
        }

        return result.ToString();
    }
}
