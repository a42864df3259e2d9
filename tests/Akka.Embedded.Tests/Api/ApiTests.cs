using System.Reflection;
using System.Runtime.CompilerServices;

namespace Akka.Embedded.Tests.Api;

/// <summary>
/// Holds the embedded runtime to Akka.NET's API: what it shows publicly must be in the list, with the same signature. The list, akka-api-1.5.30.txt, has the
/// types and lines in use; types that Akka.NET's signatures only name are in akka-api-named-types.txt, written by hand from its documentation.
/// When the product needs more of Akka.NET, add it and run <c>Api/regenerate.sh FULL-LIST</c>, with the full list of Akka.NET's members in the same format: it writes
/// the lines in use anew. What Akka.NET does not have is not written, so this test goes on failing for it.
/// </summary>
public sealed class ApiTests
{
    private const string RewriteVariable = "AKKA_API_FULL_LIST";
    private const string ListName = "akka-api-1.5.30.txt";
    private const string NamedTypesName = "akka-api-named-types.txt";

    private static readonly Assembly[] _assemblies = [typeof(Akka.Actor.ActorBase).Assembly, typeof(Akka.TestKit.TestKitBase).Assembly];

    public static TheoryData<string> TypeNames()
    {
        var data = new TheoryData<string>();
        foreach (var type in Types())
        {
            data.Add(ApiRenderer.Declaration(type));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void A_visible_type_shows_nothing_that_Akka_NET_does_not_have(string declaration)
    {
        var type = Types().Single(candidate => ApiRenderer.Declaration(candidate) == declaration);
        var known = KnownTypes();
        Assert.True(known.TryGetValue(declaration, out var listed), $"{declaration} is not in {ListName}.");

        var unknown = ApiRenderer.Members(type).Except(listed.Members)
            .Concat(ApiRenderer.Parents(type).Except(listed.Parents).Select(parent => "derives from " + parent))
            .ToArray();
        Assert.True(unknown.Length == 0, $"{declaration} shows what Akka.NET does not have:{Environment.NewLine}{string.Join(Environment.NewLine, unknown)}");
    }

    [Fact]
    public void The_list_holds_no_line_that_is_not_in_use()
    {
        var used = Types().ToDictionary(ApiRenderer.Declaration, type => ApiRenderer.Members(type).ToHashSet());
        var unused = KnownTypes().Values
            .SelectMany(listed => listed.Members
                .Where(member => !used.TryGetValue(listed.Declaration, out var members) || !members.Contains(member))
                .Select(member => $"{listed.Declaration}: {member}")
                .Concat(used.ContainsKey(listed.Declaration) ? [] : [listed.Declaration]))
            .ToArray();
        Assert.True(unused.Length == 0, $"Not in use:{Environment.NewLine}{string.Join(Environment.NewLine, unused)}");
    }

    [Fact]
    public void Types_written_by_hand_are_named_in_the_list()
    {
        var text = File.ReadAllText(PathOf(ListName)) + File.ReadAllText(PathOf(NamedTypesName));
        foreach (var type in ApiList.Read(PathOf(NamedTypesName)).Values)
        {
            var name = type.Declaration[(type.Declaration.LastIndexOf(' ', type.Declaration.IndexOf("Akka", StringComparison.Ordinal)) + 1)..].Split('<')[0];
            var mentions = text.Split(name).Length - 1;
            Assert.True(mentions > 1, $"{name} is in {NamedTypesName}, but no signature names it.");
        }
    }

    [SkippableFact]
    public void Regenerate_the_list_when_told_to()
    {
        var fullList = Environment.GetEnvironmentVariable(RewriteVariable);
        Skip.If(string.IsNullOrEmpty(fullList), $"Set {RewriteVariable} to the path of the full list to write {ListName} anew.");

        var full = ApiList.Read(fullList);
        var lines = new List<string>
        {
            "# Public and protected members of Akka.NET 1.5.30 that the embedded runtime has too. Written by Api/regenerate.sh; do not edit.",
        };
        foreach (var type in Types())
        {
            if (full.TryGetValue(ApiRenderer.Declaration(type), out var listed))
            {
                lines.Add(listed.Header);
                lines.AddRange(listed.Members.Intersect(ApiRenderer.Members(type)).Order(StringComparer.Ordinal).Select(member => "    " + member));
            }
        }

        File.WriteAllText(PathOf(ListName), string.Join('\n', lines) + "\n");
    }

    private static IEnumerable<Type> Types() => _assemblies.SelectMany(ApiRenderer.VisibleTypes);

    private static Dictionary<string, ApiType> KnownTypes()
    {
        var known = ApiList.Read(PathOf(ListName));
        foreach (var (declaration, type) in ApiList.Read(PathOf(NamedTypesName)))
        {
            known[declaration] = known.TryGetValue(declaration, out var listed)
                ? listed with { Parents = [.. listed.Parents, .. type.Parents], Members = [.. listed.Members, .. type.Members] }
                : type;
        }

        return known;
    }

    private static string PathOf(string name, [CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, name);
}
