using Hocon.Tree;

namespace Hocon.Tests;

public sealed class IncludeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hocon-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Includes_are_merged_where_they_stand()
    {
        Write("base.conf", "a = 1, b { x = 1 }, c = base");
        Assert.Equal("{\"c\": \"base\", \"a\": 1, \"b\": {\"x\": 1, \"y\": 2}}", Read("c = before\ninclude \"base.conf\"\nb.y = 2"));
        Assert.Equal("{\"n\": {\"a\": 2, \"b\": {\"x\": 1}, \"c\": \"base\"}}", Read("n { include \"base.conf\", a = 2 }"));
        Assert.Equal("{\"l\": [{\"a\": 1, \"b\": {\"x\": 1}, \"c\": \"base\"}]}", Read("l = [{ include file(\"base.conf\") }]"));
    }

    [Fact]
    public void Names_are_relative_to_the_including_file()
    {
        Write("sub/one.conf", "include \"two.conf\"");
        Write("sub/two.conf", "two = here");
        Write("two.conf", "two = wrong");
        Assert.Equal("{\"two\": \"here\"}", Read("include \"sub/one.conf\""));
        Assert.Equal("{\"two\": \"here\"}", Read($"include \"{_folder}/sub/two.conf\""));
    }

    [Fact]
    public void Substitutions_in_an_included_file_are_relative_to_the_place_of_inclusion_first_and_to_the_root_then()
    {
        Write("foo.conf", "x = 10, y = ${x}, z = ${top}, l = [0], l += ${x}");
        Assert.Equal(
            "{\"top\": 1, \"a\": {\"x\": 42, \"y\": 42, \"z\": 1, \"l\": [0, 42]}}",
            Read("top = 1\na { include \"foo.conf\" }\na { x = 42 }"));
    }

    [Fact]
    public void A_missing_file_is_ignored_unless_it_is_required()
    {
        Assert.Equal("{\"a\": 1}", Read("include \"nowhere.conf\"\na = 1"));
        Assert.Contains("the include is required", Error("include required(\"nowhere.conf\")"), StringComparison.Ordinal);
        Write("here.conf", "");
        Assert.Equal("{}", Read("include required(file(\"here.conf\"))"));
    }

    [Fact]
    public void A_name_without_extension_stands_for_json_and_conf()
    {
        Write("both.json", "{\"a\": 1, \"b\": 1}");
        Write("both.conf", "b = 2");
        Assert.Equal("{\"a\": 1, \"b\": 2}", Read("include \"both\""));
    }

    [Fact]
    public void Errors_in_an_included_file_name_it()
    {
        var path = Write("bad.conf", "a = 1\nb = }");
        var error = Assert.Throws<HoconParserException>(() => HoconConfigurationFactory.FromFile(Write("main.conf", "\n\n\ninclude \"bad.conf\"")));
        Assert.Equal($"{path}, line 2, column 5: expected a value, found '}}'", error.Message);
        Assert.Equal((2, 5), (error.LineNumber, error.LinePosition));
    }

    [Fact]
    public void Files_that_include_one_another_are_an_error()
    {
        Write("main.conf", "include \"other.conf\"");
        Write("other.conf", "include \"main.conf\"");
        var error = Assert.Throws<HoconParserException>(() => HoconConfigurationFactory.FromFile(Path.Combine(_folder, "main.conf")));
        Assert.Contains("cycle", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Urls_and_resources_cannot_be_included_from_files()
    {
        Assert.Contains("only files can be included", Error("include url(\"http://localhost/x\")"), StringComparison.Ordinal);
        Assert.Contains("only files can be included", Error("include classpath(\"x\")"), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_java_properties_are_refused_and_not_read_as_hocon()
    {
        var path = Write("base.properties", "a.b = c\\:d");

        Assert.Contains($"{path} is a file of Java properties, which are not read; write its keys to a .conf file", Error("include \"base.properties\""), StringComparison.Ordinal);
        Assert.Contains("Java properties", Error("include \"base\""), StringComparison.Ordinal);
        Assert.Equal("{}", Read("include \"none.properties\""));
    }

    [Fact]
    public void Lists_are_not_included_and_the_error_says_what_to_write()
    {
        Write("list.conf", "[1, 2]");

        Assert.Contains("a file cannot be a list alone; give it a key, as in name = [a, b]", Error("a = 1\ninclude \"list.conf\""), StringComparison.Ordinal);
        Assert.Contains("line 1, column 9: expected one file, found a list: write an include statement for each file", Error("include [\"a.conf\", \"b.conf\"]"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_without_a_file_cannot_include()
    {
        var error = Assert.Throws<HoconParserException>(() => HoconConfigurationFactory.ParseString("include \"x.conf\""));
        Assert.Contains("no place to look", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_callback_gets_kind_and_name_and_may_return_nothing()
    {
        var asked = new List<(HoconCallbackType, string)>();
        Task<string?> Include(HoconCallbackType kind, string name)
        {
            asked.Add((kind, name));
            return Task.FromResult(name == "none" ? null : $"{name} = 1");
        }

        var config = HoconConfigurationFactory.ParseString("include \"a\"\ninclude url(\"b\")\ninclude classpath(\"c\")\ninclude \"none\"", Include);
        Assert.Equal(["a", "b", "c"], config.AsEnumerable().Select(field => field.Key));
        Assert.Equal(
            [(HoconCallbackType.File, "a"), (HoconCallbackType.Url, "b"), (HoconCallbackType.Resource, "c"), (HoconCallbackType.File, "none")],
            asked);
    }

    [Fact]
    public void A_callback_that_fails_or_goes_on_for_ever_ends_in_an_error()
    {
        var failing = Assert.Throws<HoconParserException>(
            () => HoconConfigurationFactory.ParseString("\ninclude \"a\"", (_, _) => throw new InvalidOperationException("out of order")));
        Assert.Equal("line 2, column 1: cannot include \"a\": out of order", failing.Message);

        var count = 0;
        var endless = Assert.Throws<HoconParserException>(
            () => HoconConfigurationFactory.ParseString("include \"a\"", (_, _) => Task.FromResult<string?>($"include \"a{++count}\"\ninclude \"b{++count}\"")));
        Assert.Contains("nested deeper", endless.Message, StringComparison.Ordinal);

        var flood = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"include \"f{i}\"\n"));
        var flooded = Assert.Throws<HoconParserException>(() => HoconConfigurationFactory.ParseString(flood, (_, _) => Task.FromResult<string?>("a=1")));
        Assert.Contains("more than 1000", flooded.Message, StringComparison.Ordinal);
    }

    private string Read(string hocon) => NodeRenderer.Render(HoconConfigurationFactory.FromFile(Write("root.conf", hocon)).Tree, 0);

    private string Error(string hocon) => Assert.Throws<HoconParserException>(() => Read(hocon)).Message;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
