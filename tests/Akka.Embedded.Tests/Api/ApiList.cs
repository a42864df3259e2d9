namespace Akka.Embedded.Tests.Api;

/// <summary>A type of the list: its declaration, base class and interfaces, and its members' lines.</summary>
internal sealed record ApiType(string Assembly, string Declaration, IReadOnlyList<string> Parents, IReadOnlyList<string> Members)
{
    public string Header => $"{Assembly} | {Declaration}{(Parents.Count == 0 ? "" : " : " + string.Join(", ", Parents))}";
}

/// <summary>
/// Reads lists of types and members. A line that starts in the first column is a type (<c>Assembly | class abstract Name : Base, IInterface</c>),
/// an indented one a member of the type above; # starts a comment.
/// </summary>
internal static class ApiList
{
    public static Dictionary<string, ApiType> Read(string path) => Parse(File.ReadLines(path));

    /// <summary>The types by declaration (<c>class sealed Akka.Actor.Identify</c>).</summary>
    public static Dictionary<string, ApiType> Parse(IEnumerable<string> lines)
    {
        var result = new Dictionary<string, ApiType>();
        List<string>? members = null;
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (char.IsWhiteSpace(line[0]))
            {
                (members ?? throw new FormatException($"A member without a type: {line}")).Add(line.Trim());
                continue;
            }

            var bar = line.IndexOf(" | ", StringComparison.Ordinal);
            var colon = line.IndexOf(" : ", StringComparison.Ordinal);
            var declaration = colon < 0 ? line[(bar + 3)..] : line[(bar + 3)..colon];
            members = [];
            var parents = colon < 0 ? [] : SplitTopLevel(line[(colon + 3)..]);
            result[declaration] = new ApiType(line[..bar], declaration, parents, members);
        }

        return result;
    }

    /// <summary>Splits at commas that are not inside of &lt;&gt;.</summary>
    private static List<string> SplitTopLevel(string text)
    {
        var result = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                result.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        result.Add(text[start..].Trim());
        return result;
    }
}
