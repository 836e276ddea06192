"""Names of the people in the sample library.

Why from many places: a page that only ever showed "Smith, John" breaks on the first real reader.
"""

from random import Random

_FAMILIES: tuple[tuple[str, str], ...] = (
    (
        "Emma Noah Olivia Liam Grace Ethan Abigail Mason Harper Caleb Naomi Walter Ruth Desmond",
        "Whitfield Abernathy Callahan Prescott Holloway Merriweather Stanton Brewster O'Rourke McAllister Fitzgerald",
    ),
    (
        "DeShawn Aaliyah Marcus Imani Tyrone Keisha Jamal Latoya Malik Ebony",
        "Washington Freeman Baptiste Broussard Greene Booker Hightower Gaines",
    ),
    (
        "Sofía José María Alejandro Lucía Íñigo Ximena Andrés Guadalupe Ángel Inés",
        "Hernández Núñez Ibáñez Castañeda Quiñones Zúñiga Ordóñez Villaseñor Peña Gutiérrez",
    ),
    (
        "Nguyễn-Anh Thị-Hồng Minh Quang Thảo Đức Hương Tuấn Ngọc Phương",
        "Nguyễn Trần Phạm Huỳnh Võ Đặng Bùi Đỗ Ngô Lý",
    ),
    (
        "Jürgen Annelies Käthe Björn Sören Gisela Götz Ulrike Friedrich Änne",
        "Müller Weiß Schröder Bäcker Köhler Großmann Jäger Hübner Strauß Böhm",
    ),
    (
        "Muḥammad Fāṭima Yūsuf ʿAbd-al-Raḥmān Layla Khadīja Ḥasan Nūr Ibrāhīm Zaynab",
        "al-Ḥusaynī ibn-Khaldūn al-Bayyātī Ḥaddād Maṣrī al-Zahrāʾ Qāsim Ṣabbāgh al-Jazāʾirī Najjār",
    ),
    (
        "Wei Xiuying Jiahao Mei-ling Haoran Lihua Zhiwei Yuchen Shu-fen Tao",
        "Wang Zhang Chen Liu Huang Xu Ouyang Zheng Hsieh Lü",
    ),
    (
        "Aarav Priya Lakshmi Rohan Ananya Vikram Meenakshi Siddharth Kavya Arjun",
        "Krishnamurthy Iyer Chatterjee Deshpande Venkataraman Subramanian Kaur Banerjee Patel Mukhopadhyay",
    ),
    (
        "Łukasz Agnieszka Zdzisław Małgorzata Jiří Květa Zsófia György Siniša Žaneta",
        "Wiśniewski Łęcki Dvořák Černý Nagy Szőke Đorđević Živković Brzęczyszczykiewicz Kovács",
    ),
    (
        "Élodie François Chloé Benoît Maëlle Thérèse Zoé Gaël Noël Aurélie",
        "Lefèvre Bélanger Côté Desrosiers Château Rénier D'Aubigné L'Écuyer Gagné Hébert",
    ),
    (
        "Åsa Bjørn Søren Þóra Eiríkur Mårten Øystein Säde Väinö Ragnhildur",
        "Ångström Sørensen Guðmundsdóttir Öberg Hämäläinen Nygård Þorsteinsson Bråten Kjærgaard",
    ),
    (
        "Haruka Kenji Yōko Takeshi Ji-woo Seo-yeon Min-jun Sakura Daichi Eun-ji",
        "Satō Yamaguchi Ōtani Kobayashi Kim Hwang Namgung Itō Park Fujiwara",
    ),
    (
        "Adébáyọ̀ Chiamaka Kwame Ngozi Oluwaseun Amara Thabo Zanele Tendai Wanjirũ",
        "Ọkáfọ̀r Adéyẹmí Mensah Ndlovu Mwangi Oyelaran Achebe-Obi Dlamini Kamau Nyerere",
    ),
    (
        "Keanu Leilani Kaleo Noelani Sefina Tavita Aroha Wiremu",
        "Kāne Kealoha Tāwhiao Fa'asavalu Māhoe Ngata Kapaʻakea",
    ),
)
"""Given names and family names that go together, each a list parted by spaces."""

_REMARKABLE: tuple[tuple[str, str], ...] = (
    ("Maximiliane Josefine Kunigunde", "Freifrau von Hohenlohe-Schillingsfürst zu Waldenburg"),
    ("Juan Carlos de la Santísima Trinidad", "García-Huidobro y Errázuriz de la Vega"),
    ("", "Sukarnoputri"),
    ("小明", "王"),
    ("Анастасия Владимировна", "Рождественская"),
    ("Ελένη", "Παπαδημητρίου-Κωνσταντινίδου"),
    ("محمد", "الحسيني"),
    ("서연", "김"),
    ("Jean-Baptiste Emmanuel", "de La Rochefoucauld d'Estissac"),
    ("X Æ", "O"),
    ("Dr. Hans-Joachim", "Müller-Lüdenscheidt"),
    ("Venkatanarasimharajuvaripeta", "Srinivasa Raghavendra Rao"),
)
"""Names as they occur and as forms seldom expect them, given first."""

_DOUBLE_PERCENT = 9


def invented_names(rng: Random, count: int) -> list[tuple[str, str]]:
    """``count`` different pairs of given and family name, the remarkable ones strewn among them."""
    taken = set(_REMARKABLE)
    names: list[tuple[str, str]] = []
    families = [(given.split(), family.split()) for given, family in _FAMILIES]
    while len(names) < count:
        given, family = rng.choice(families)
        name = (rng.choice(given), rng.choice(family))
        if rng.randrange(100) < _DOUBLE_PERCENT:
            name = (name[0], f"{name[1]}-{rng.choice(rng.choice(families)[1])}")
        if name not in taken:
            taken.add(name)
            names.append(name)
    for place, remarkable in zip(rng.sample(range(count), min(count, len(_REMARKABLE))), _REMARKABLE, strict=False):
        names[place] = remarkable
    return names
